"""What the learner's kernel knows: which runs defined what, and what earlier checks found."""
