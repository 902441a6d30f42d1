"""Style transfer beside the package that carries the networks: speed, memory, colours, seams, edges."""
