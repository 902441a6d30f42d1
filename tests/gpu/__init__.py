"""On a GPU, with random weights of full size: that it fits, that it is fast, that half precision is right."""
