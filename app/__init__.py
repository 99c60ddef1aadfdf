"""The application: what may be done, one package a domain. Holds no code, so that nothing drags the factory in."""

import os

# Said before numpy is loaded: several processes share the cores, and small products whose threads wait for one another on a
# busy machine took a hundred times as long (the matching's 10,000 x 125 by one request: 30 ms instead of 0.2).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
