# Freezes the library into a MicroPython firmware: make FROZEN_MANIFEST=path/to/this/file
package("ublox_cellular", base_path="lib", opt=3)  # noqa: F821 (defined by makemanifest)
