"""Papers and pictures made from data: SVG charts, and PDF by typst."""
