"""The other side of `cargo bench --bench vs_torch`: runs a network when told to, and says how long it took.

Reads a JSON object a line, answers each with one:
  {"threads": 2, "gpu": false, "half": false}                             -> {"torch": "2.x", "device": "CPU"}
  {"network": "unet", "config": {...}, "weights": FILE or null,
   "inputs": FILE, "output": FILE}                                        -> {"layout": ...}     built, run once, its result written
  {"run": true}                                                           -> {"seconds": 0.1}
Files are safetensors. Without weights the parameters are random. On a GPU pictures lie in memory in the layout that is the faster one for the network.
"""

import json
import sys
import time

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from networks import NETWORKS

LAYOUTS = {"contiguous": torch.contiguous_format, "channels last": torch.channels_last}
# What says when and where, not what: at 32 bits in every precision.
FULL = {"mask", "threshold", "timesteps"}


class Peer:
    def __init__(self, order):
        torch.set_num_threads(order["threads"])
        torch.backends.cudnn.benchmark = True
        # Where 32 bits are asked for, convolutions have all of them, too.
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
        has_gpu = order["gpu"] and torch.accelerator.is_available()
        self.device = torch.accelerator.current_accelerator() if has_gpu else torch.device("cpu")
        self.precision = torch.float16 if order["half"] else torch.float32
        self.run = None

    def name(self):
        return torch.cuda.get_device_name() if self.device.type == "cuda" else self.device.type.upper()

    def build(self, order):
        # What was built before makes room.
        self.run = None
        torch.cuda.empty_cache()
        with self.device:
            network = NETWORKS[order["network"]](order["config"]).eval()
        if order["weights"]:
            with safe_open(order["weights"], "pt") as file:
                network.load_state_dict({name: file.get_tensor(network.PREFIX + name) for name in network.state_dict()})
        network.to(self.precision)
        inputs = {
            name: tensor.to(self.device, torch.float32 if name in FULL else self.precision)
            for name, tensor in load_file(order["inputs"]).items()
        }
        layout = self.faster(network, inputs)
        self.run = laid(network, inputs, layout)
        save_file({"output": self.run().float().contiguous().cpu()}, order["output"])
        return layout

    def faster(self, network, inputs):
        if self.device.type == "cpu":
            return "contiguous"
        times = {}
        for layout in LAYOUTS:
            self.run = laid(network, inputs, layout)
            # In the first run kernels are chosen.
            times[layout] = min([self.seconds() for _ in range(4)][1:])
        return min(times, key=times.get)

    def seconds(self):
        self.wait()
        begun = time.perf_counter()
        self.run()
        self.wait()
        return time.perf_counter() - begun

    def wait(self):
        if self.device.type != "cpu":
            torch.accelerator.synchronize()


def laid(network, inputs, layout):
    """A run of the network, its weights and its inputs in a layout."""
    layout = LAYOUTS[layout]
    network.to(memory_format=layout)
    inputs = {name: tensor.contiguous(memory_format=layout) if tensor.dim() == 4 else tensor for name, tensor in inputs.items()}
    return lambda: network(**inputs)


def main():
    peer = None
    for line in sys.stdin:
        order, answer = json.loads(line), {}
        if "threads" in order:
            peer = Peer(order)
            answer["torch"], answer["device"] = torch.__version__, peer.name()
        elif "run" in order:
            answer["seconds"] = peer.seconds()
        else:
            answer["layout"] = peer.build(order)
        print(json.dumps(answer), flush=True)


with torch.inference_mode():
    main()
