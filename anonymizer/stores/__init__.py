"""Where images come from and go to, other than folders: a plain run over folders imports none."""
