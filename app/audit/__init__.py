"""The change log: the recorder, the hash chain, and how a change is told in words."""
