"""Problems of the chapter on receptive fields: sizes, regions, depths and masks."""

from __future__ import annotations

from problems.receptive_fields.input_region import INPUT_REGION
from problems.receptive_fields.layers_needed import LAYERS_NEEDED
from problems.receptive_fields.receptive_field import RECEPTIVE_FIELD
from problems.receptive_fields.receptive_field_mask import RECEPTIVE_FIELD_MASK

PROBLEMS = (RECEPTIVE_FIELD, INPUT_REGION, LAYERS_NEEDED, RECEPTIVE_FIELD_MASK)

__all__ = ["INPUT_REGION", "LAYERS_NEEDED", "PROBLEMS", "RECEPTIVE_FIELD", "RECEPTIVE_FIELD_MASK"]
