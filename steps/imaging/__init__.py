"""Pictures in and out: the one door between files and the house's pixels.

Inside the house a picture is a `Document` of one or more `Page`s; pixels are RGB uint8 arrays of
shape (height, width, 3). Everything else (palette, CMYK, 16 bit, orientation) is converted here.
"""
