"""Write the directory of a run while the run goes on, and read it again."""
