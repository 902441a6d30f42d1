"""What a caller wants to see in a region, for the backends that take words."""

from steps.backends.contract import NO_WORDS, Inpainter, Words
from steps.errors import InvalidParameters

MAX_WORDS = 2000
"""Characters of a prompt; text encoders read some 75 to 500 words and leave out the rest."""


def words_for(inpainter: Inpainter, prompt: str, negative_prompt: str) -> Words:
    """Return the words for a backend.

    Raises:
        InvalidParameters: words are given and the backend takes none; names the parameter.
    """
    given = {"/prompt": prompt, "/negativePrompt": negative_prompt}
    first = next((pointer for pointer, words in given.items() if words), None)
    if first is None:
        return NO_WORDS
    if not inpainter.takes_words:
        raise InvalidParameters(
            f"the backend {inpainter.descriptor.name!r} goes by the surroundings and takes no words; "
            'one that takes them is "diffusers-inpaint"',
            pointer=first,
        )
    return Words(prompt, negative_prompt)
