# train.py: reads its images and its params, and writes its result.
import json
import os
from pathlib import Path

images = Path(json.loads(os.environ.get("POLYAXON_DATA_PATHS", '{"images": "images"}'))["images"])
results = Path(os.environ.get("POLYAXON_RUN_OUTPUTS_PATH", "results"))
params = json.loads(os.environ.get("POLYAXON_PARAMS", '{"lr": 0.1}'))
results.mkdir(parents=True, exist_ok=True)
count = len(list(images.glob("*.png")))
(results / "metrics.json").write_text(json.dumps({"images": count, "lr": params["lr"]}))
