"""`python -m diag`."""

import sys

from exchange_diag import main

sys.exit(main())
