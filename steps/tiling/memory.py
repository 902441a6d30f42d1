"""Tells that memory ran out, whichever runtime says so, without importing any of them."""

_CV_NO_MEMORY = -4
"""OpenCV's error code StsNoMem."""
_ONNXRUNTIME_SAYS = ("failed to allocate memory", "bad_alloc", "bad allocation")
"""What onnxruntime's exceptions say when its arena or a kernel gets no memory."""
_TORCH_SAYS = "DefaultCPUAllocator: can't allocate memory"
"""What torch's plain RuntimeError says when main memory runs out; the GPU's has a class of its own."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception means that memory ran out: Python's, torch's, OpenCV's, onnxruntime's."""
    kind = type(error)
    package = kind.__module__.split(".")[0]
    if package == "torch":
        return kind.__name__ == "OutOfMemoryError"
    if kind is RuntimeError:
        return _TORCH_SAYS in str(error)
    if package == "cv2":
        return getattr(error, "code", 0) == _CV_NO_MEMORY
    if package == "onnxruntime":
        said = str(error).lower()
        return any(words in said for words in _ONNXRUNTIME_SAYS)
    return isinstance(error, MemoryError)
