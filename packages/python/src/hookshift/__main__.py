"""`python -m hookshift`, for where the directory of programs is not on the PATH."""

import os
import subprocess
import sys

from hookshift import find_hookshift

if __name__ == "__main__":
    program = find_hookshift()
    arguments = [program, *sys.argv[1:]]
    if sys.platform == "win32":
        # There, exec gives the terminal back before the program ends.
        sys.exit(subprocess.run(arguments, check=False).returncode)
    os.execv(program, arguments)
