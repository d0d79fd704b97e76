"""New ideas for outlets: tried only under risks that another person has found to be controlled (M116)."""
