"""Which submission a reviewer is given: the draw, the plan for the last reviews, and the drop-out model."""
