"""The registry of collaborations 「協働や連携の取組一覧」."""
