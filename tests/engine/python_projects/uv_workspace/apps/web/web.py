"""The app: what it says is the library's."""

from hello import main

main()
