"""Start Satchel for the folder that the user chose: what the bundle's manifest runs."""

import os
import sys

from satchel.tools.shim import main

os.chdir(sys.argv[1])
sys.exit(main())
