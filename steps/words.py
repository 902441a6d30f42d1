"""What a caller wants to see, for the backends that take words."""

from steps.backends.contract import NO_WORDS, Capability, Inpainter, Stylizer, Words
from steps.errors import InvalidParameters

MAX_WORDS = 2000
"""Characters of a prompt; text encoders read some 75 to 500 words and leave out the rest."""
TAKING = {
    Capability.INPAINTING: "diffusers-inpaint",
    Capability.STYLIZATION: "diffusers-style",
}
"""A backend that takes words, by what it does."""


def words_for(
    backend: Inpainter | Stylizer | type[Stylizer], prompt: str, negative_prompt: str
) -> Words:
    """Return the words for a backend, loaded or not.

    Raises:
        InvalidParameters: words are given and the backend takes none; names the parameter.
    """
    given = {"/prompt": prompt, "/negativePrompt": negative_prompt}
    first = next((pointer for pointer, words in given.items() if words), None)
    if first is None:
        return NO_WORDS
    if not backend.takes_words:
        raise InvalidParameters(
            f"the backend {backend.descriptor.name!r} goes by the pictures alone and takes no words; "
            f"one that takes them is {TAKING[backend.capability]!r}",
            pointer=first,
        )
    return Words(prompt, negative_prompt)
