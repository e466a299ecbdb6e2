"""What runs beyond the trust boundary, beside other people's code, and nothing else."""
