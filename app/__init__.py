"""The application: what may be done, one package a domain. Holds no code, so that nothing drags the factory in."""
