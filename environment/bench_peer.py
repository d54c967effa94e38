"""The Python side of the benchmark: runs the same work with PyTorch and diffusers, once per input line.

Each line is a JSON object with what, config (of the UNet2DModel), batch, size, device ("cpu", "cuda:0"),
precision ("no", "bf16") and compiled. The answer is the time of one run in milliseconds, or why there is
none. With --memory WORK, it runs that work three times and prints its own peak memory in MiB.
"""

import json
import sys
import time

import torch
from diffusers import DDPMScheduler, UNet2DModel
from diffusers.training_utils import EMAModel

STEPS = 10


class Peer:
    """A network with a batch of noise."""

    def __init__(self, work):
        config, batch, size = work["config"], work["batch"], work["size"]
        self.device = torch.device(work["device"])
        self.is_mixed = work["precision"] == "bf16"
        known = {key: value for key, value in config.items() if not key.startswith("_")}
        self.model = UNet2DModel(**known).to(self.device)
        self.sample = torch.randn(batch, 1, size, size, device=self.device)
        classes = config.get("num_class_embeds")
        self.labels = torch.zeros(batch, dtype=torch.long, device=self.device) if classes else None
        self.scheduler = DDPMScheduler()
        self.optimizer = None
        sizes = [size]
        while len(sizes) < len(self.model.down_blocks):
            sizes.append((sizes[-1] + 1) // 2)
        for block, larger in zip(self.model.up_blocks, sizes[-2::-1]):
            # diffusers doubles the size, which is wrong for odd sizes; the size of the skip is always right.
            block.upsamplers[0].register_forward_pre_hook(
                lambda module, inputs, side=larger: (inputs[0], (side, side))
            )
        self.network = self.model
        if work["compiled"]:
            torch._dynamo.reset()  # after eight networks it would stop to compile
            self.network = torch.compile(self.model, dynamic=False)

    def predict(self, sample, timesteps):
        """In mixed precision as accelerate does it: the network alone, its output in float32."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.is_mixed):
            prediction = self.network(sample, timesteps, self.labels).sample
        return prediction.float()

    @torch.no_grad()
    def forward(self):
        self.predict(self.sample, 500)

    @torch.no_grad()
    def sampling(self):
        self.scheduler.set_timesteps(STEPS)
        image = self.sample
        for t in self.scheduler.timesteps:
            image = self.scheduler.step(self.predict(image, t), t, image).prev_sample

    def training_step(self):
        if self.optimizer is None:
            self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-4)
            self.ema = EMAModel(self.model.parameters(), foreach=True)
        noise = torch.randn_like(self.sample)
        timesteps = torch.randint(0, 1000, (len(self.sample),), device=self.device)
        noisy = self.scheduler.add_noise(self.sample, noise, timesteps)
        loss = torch.nn.functional.mse_loss(self.predict(noisy, timesteps), noise)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.ema.step(self.model.parameters())

    def run(self, what):
        start = time.perf_counter()
        getattr(self, what.replace(" ", "_"))()
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return 1000 * (time.perf_counter() - start)


def main():
    if sys.argv[1:2] == ["--memory"]:
        work = json.loads(sys.argv[2])
        measured = Peer(work)
        for _ in range(3):
            measured.run(work["what"])
        with open("/proc/self/status", encoding="ascii") as status:
            peak = next(line for line in status if line.startswith("VmHWM"))
        print(int(peak.split()[1]) / 1024)
        return
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", flush=True)
    key = measured = None
    for line in sys.stdin:
        work = json.loads(line)
        what = work.pop("what")
        try:
            if key != work:
                key = measured = None  # frees the memory first
                measured = Peer(work)
                key = work
            print(measured.run(what), flush=True)
        except Exception as error:  # such as no memory left, or no compiler
            key = measured = None
            reason = str(error).strip().splitlines() or [type(error).__name__]
            print(f"failed: {reason[0]}", flush=True)


if __name__ == "__main__":
    main()
