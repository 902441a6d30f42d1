"""A ComfyUI server for tests: real HTTP and a real websocket on loopback, and nodes that compute with numpy.

Built from what real servers (0.3.64 and 0.33) answer; `tests/comfy/real` compares the two.
"""
