"""The networks as plain PyTorch modules, written from the published description of the architecture: what the engine's speed is measured against.

Parameters have their published names. Widths come from the engine's own configuration (assets/models/*.ron, as JSON).
"""

import math

import torch
import torch.nn.functional as F
from torch import nn


class GroupNorm(nn.Module):
    """Group normalisation; without groups, the scale and shift alone."""

    def __init__(self, groups, channels, epsilon):
        super().__init__()
        self.groups, self.epsilon = groups, epsilon
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        if self.groups:
            return F.group_norm(x, self.groups, self.weight, self.bias, self.epsilon)
        return x * self.weight[:, None, None] + self.bias[:, None, None]


def conv3x3(inputs, outputs, stride=1):
    return nn.Conv2d(inputs, outputs, 3, stride, 1)


def attend(query, key, value, heads):
    split = lambda tokens: tokens.unflatten(2, (heads, -1)).transpose(1, 2)
    return F.scaled_dot_product_attention(split(query), split(key), split(value)).transpose(1, 2).flatten(2)


# UNet


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, embedding, groups):
        super().__init__()
        self.in_layers = nn.Sequential(GroupNorm(groups, inputs, 1e-5), nn.SiLU(), conv3x3(inputs, outputs))
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(embedding, outputs))
        self.out_layers = nn.Sequential(GroupNorm(groups, outputs, 1e-5), nn.SiLU(), nn.Identity(), conv3x3(outputs, outputs))
        if inputs != outputs:
            self.skip_connection = nn.Conv2d(inputs, outputs, 1)
        else:
            self.skip_connection = nn.Identity()

    def forward(self, x, call):
        hidden = self.in_layers(x) + self.emb_layers(call.embedding)[:, :, None, None]
        return self.skip_connection(x) + self.out_layers(hidden)


class SelfAttention(nn.Module):
    def __init__(self, channels, head):
        super().__init__()
        self.heads = channels // head
        self.to_q, self.to_k, self.to_v = (nn.Linear(channels, channels, bias=False) for _ in range(3))
        self.to_out = nn.Sequential(nn.Linear(channels, channels))

    def forward(self, x):
        return self.to_out(attend(self.to_q(x), self.to_k(x), self.to_v(x), self.heads))


class LoraLinear(nn.Module):
    def __init__(self, inputs, outputs, ranks):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs).uniform_(-(inputs**-0.5), inputs**-0.5))
        for side, rank in ranks.items():
            rank = rank["Fixed"] if "Fixed" in rank else max(int(rank["Fraction"] * min(inputs, outputs)), 1)
            setattr(self, f"lora_down_{side}", nn.Linear(inputs, rank, bias=False))
            setattr(self, f"lora_up_{side}", nn.Linear(rank, outputs, bias=False))

    def forward(self, x, side):
        output = F.linear(x, self.weight)
        if side:
            output = output + getattr(self, f"lora_up_{side}")(getattr(self, f"lora_down_{side}")(x))
        return output


class SplitAttention(nn.Module):
    def __init__(self, channels, context, head, ranks):
        super().__init__()
        self.heads = channels // head
        self.to_q = LoraLinear(channels, channels, ranks)
        self.to_k, self.to_v = (LoraLinear(context, channels, ranks) for _ in range(2))
        self.to_out = nn.Sequential(nn.Linear(channels, channels))

    def side(self, x, context, side):
        return attend(self.to_q(x, side), self.to_k(context, side), self.to_v(context, side), self.heads)

    def forward(self, x, call, size):
        if call.mask is None:
            return self.to_out(self.side(x, call.context, None))
        first, second = call.context.chunk(2, 1)
        background, figure = self.side(x, second, "bg"), self.side(x, first, "fg")
        scale = size[0] / call.mask.shape[2]
        mask = F.interpolate(call.mask, scale_factor=scale, mode="bicubic") if scale != 1 else call.mask
        return self.to_out(torch.where(mask.flatten(1)[:, :, None] > call.threshold, figure, background))


class Gate(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.proj = nn.Linear(channels, 8 * channels)

    def forward(self, x):
        value, gate = self.proj(x).chunk(2, 2)
        return value * F.gelu(gate)


class FeedForward(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.net = nn.Sequential(Gate(channels), nn.Identity(), nn.Linear(4 * channels, channels))

    def forward(self, x):
        return self.net(x)


class TransformerBlock(nn.Module):
    def __init__(self, channels, config):
        super().__init__()
        head, ranks = config["head_channels"], {"fg": config["lora"]["foreground"], "bg": config["lora"]["background"]}
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(channels) for _ in range(3))
        self.attn1 = SelfAttention(channels, head)
        self.attn2 = SplitAttention(channels, config["context_dim"], head, ranks)
        self.ff = FeedForward(channels)

    def forward(self, x, call, size):
        x = x + self.attn1(self.norm1(x))
        x = x + self.attn2(self.norm2(x), call, size)
        return x + self.ff(self.norm3(x))


class SpatialTransformer(nn.Module):
    def __init__(self, channels, config):
        super().__init__()
        self.norm = GroupNorm(config["norm_groups"], channels, 1e-6)
        self.proj_in, self.proj_out = (nn.Conv2d(channels, channels, 1) for _ in range(2))
        self.transformer_blocks = nn.ModuleList([TransformerBlock(channels, config)])

    def forward(self, x, call):
        size = x.shape[2:]
        tokens = self.proj_in(self.norm(x)).flatten(2).transpose(1, 2)
        tokens = self.transformer_blocks[0](tokens, call, size)
        return self.proj_out(tokens.transpose(1, 2).unflatten(2, size)) + x


class Downsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.op = conv3x3(channels, channels, 2)

    def forward(self, x, call):
        return self.op(x)


class Upsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = conv3x3(channels, channels)

    def forward(self, x, call=None):
        return self.conv(F.interpolate(x, scale_factor=2, mode="nearest"))


class Stem(nn.Conv2d):
    def forward(self, x, call):
        return super().forward(x)


class Call:
    """What the layers of one UNet call share."""

    def __init__(self, embedding, context, mask, threshold):
        self.embedding, self.context, self.mask, self.threshold = embedding, context, mask, threshold


class Unet(nn.Module):
    PREFIX = "model.diffusion_model."

    def __init__(self, config):
        super().__init__()
        config = config["unet"]
        self.base, groups = config["model_channels"], config["norm_groups"]
        embedding = 4 * self.base
        self.time_embed = nn.Sequential(nn.Linear(self.base, embedding), nn.SiLU(), nn.Linear(embedding, embedding))
        last = len(config["channel_mult"]) - 1

        def block(inputs, outputs, level, *more):
            layers = [ResidualBlock(inputs, outputs, embedding, groups)]
            if 1 << level in config["attention_resolutions"]:
                layers.append(SpatialTransformer(outputs, config))
            return nn.ModuleList(layers + list(more))

        channels = self.base
        self.input_blocks = nn.ModuleList([nn.ModuleList([Stem(config["in_channels"], channels, 3, 1, 1)])])
        skips = [channels]
        for level, factor in enumerate(config["channel_mult"]):
            for _ in range(config["num_res_blocks"]):
                self.input_blocks.append(block(channels, factor * self.base, level))
                channels = factor * self.base
                skips.append(channels)
            if level < last:
                self.input_blocks.append(nn.ModuleList([Downsample(channels)]))
                skips.append(channels)
        self.middle_block = nn.ModuleList(
            [
                ResidualBlock(channels, channels, embedding, groups),
                SpatialTransformer(channels, config),
                ResidualBlock(channels, channels, embedding, groups),
            ]
        )
        self.output_blocks = nn.ModuleList()
        for level, factor in reversed(list(enumerate(config["channel_mult"]))):
            width = factor * self.base
            for index in range(config["num_res_blocks"] + 1):
                grow = [Upsample(width)] if level and index == config["num_res_blocks"] else []
                self.output_blocks.append(block(channels + skips.pop(), width, level, *grow))
                channels = width
        self.out = nn.Sequential(GroupNorm(groups, channels, 1e-5), nn.SiLU(), conv3x3(channels, config["out_channels"]))

    def forward(self, x, timesteps, context, mask=None, threshold=None):
        half = self.base // 2
        frequencies = torch.exp(-math.log(10000) * torch.arange(half, device=x.device) / half)
        angles = timesteps[:, None] * frequencies
        embedding = self.time_embed(torch.cat([angles.cos(), angles.sin()], 1).to(x.dtype))
        call = Call(embedding, context, mask, threshold)
        skips = []
        for block in self.input_blocks:
            for layer in block:
                x = layer(x, call)
            skips.append(x)
        for layer in self.middle_block:
            x = layer(x, call)
        for block in self.output_blocks:
            x = torch.cat([x, skips.pop()], 1)
            for layer in block:
                x = layer(x, call)
        return self.out(x)


# Autoencoder


class VaeResidual(nn.Module):
    def __init__(self, inputs, outputs, groups):
        super().__init__()
        self.norm1, self.norm2 = GroupNorm(groups, inputs, 1e-6), GroupNorm(groups, outputs, 1e-6)
        self.conv1, self.conv2 = conv3x3(inputs, outputs), conv3x3(outputs, outputs)
        self.nin_shortcut = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x):
        hidden = self.conv1(F.silu(self.norm1(x)))
        return self.nin_shortcut(x) + self.conv2(F.silu(self.norm2(hidden)))


class PixelAttention(nn.Module):
    def __init__(self, channels, groups):
        super().__init__()
        self.norm = GroupNorm(groups, channels, 1e-6)
        self.q, self.k, self.v, self.proj_out = (nn.Conv2d(channels, channels, 1) for _ in range(4))

    def forward(self, x):
        normed = self.norm(x)
        tokens = lambda conv: conv(normed).flatten(2).transpose(1, 2)
        output = attend(tokens(self.q), tokens(self.k), tokens(self.v), 1)
        return x + self.proj_out(output.transpose(1, 2).unflatten(2, x.shape[2:]))


class VaeMiddle(nn.Module):
    def __init__(self, channels, groups):
        super().__init__()
        self.block_1, self.block_2 = (VaeResidual(channels, channels, groups) for _ in range(2))
        self.attn_1 = PixelAttention(channels, groups)

    def forward(self, x):
        return self.block_2(self.attn_1(self.block_1(x)))


class VaeLevel(nn.Module):
    def __init__(self, inputs, outputs, count, groups, grow):
        super().__init__()
        widths = [inputs] + [outputs] * count
        self.block = nn.ModuleList(VaeResidual(a, b, groups) for a, b in zip(widths, widths[1:]))
        if grow:
            self.upsample = Upsample(outputs)

    def forward(self, x):
        for block in self.block:
            x = block(x)
        return self.upsample(x) if hasattr(self, "upsample") else x


class VaeDecoder(nn.Module):
    """The second half of the autoencoder: an unscaled latent to a picture."""

    PREFIX = "first_stage_model."

    def __init__(self, config):
        super().__init__()
        config = config["vae"]
        groups, base, latent = config["norm_groups"], config["base_channels"], config["latent_channels"]
        factors = config["channel_mult"]
        top = channels = base * factors[-1]
        self.post_quant_conv = nn.Conv2d(latent, latent, 1)
        self.decoder = nn.Module()
        self.decoder.conv_in = conv3x3(latent, top)
        self.decoder.mid = VaeMiddle(top, groups)
        levels = []
        for level, factor in reversed(list(enumerate(factors))):
            levels.append(VaeLevel(channels, base * factor, config["num_res_blocks"] + 1, groups, level > 0))
            channels = base * factor
        self.decoder.up = nn.ModuleList(reversed(levels))
        self.decoder.norm_out = GroupNorm(groups, channels, 1e-6)
        self.decoder.conv_out = conv3x3(channels, 3)

    def forward(self, latent):
        x = self.decoder.mid(self.decoder.conv_in(self.post_quant_conv(latent)))
        for level in reversed(self.decoder.up):
            x = level(x)
        return self.decoder.conv_out(F.silu(self.decoder.norm_out(x)))


# Image tower


class ClipAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.randn(3 * width, width) * width**-0.5)
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)

    def forward(self, x):
        return self.out_proj(attend(*F.linear(x, self.in_proj_weight, self.in_proj_bias).chunk(3, 2), self.heads))


class ClipMlp(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.c_fc, self.c_proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x)))


class ClipBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn, self.mlp = ClipAttention(width, heads), ClipMlp(width)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class ClipVision(nn.Module):
    PREFIX = "cond_stage_model.model.visual."

    def __init__(self, config):
        super().__init__()
        config = config["clip_vision"]
        width, patch = config["width"], config["patch_size"]
        self.class_embedding = nn.Parameter(torch.randn(width))
        self.positional_embedding = nn.Parameter(torch.randn(1 + (config["image_size"] // patch) ** 2, width))
        self.proj = nn.Parameter(torch.randn(width, config["output_dim"]) * width**-0.5)
        self.conv1 = nn.Conv2d(3, width, patch, patch, bias=False)
        self.ln_pre, self.ln_post = nn.LayerNorm(width), nn.LayerNorm(width)
        self.transformer = nn.Module()
        heads = width // config["head_width"]
        self.transformer.resblocks = nn.ModuleList(ClipBlock(width, heads) for _ in range(config["layers"]))

    def forward(self, pixels):
        patches = self.conv1(pixels).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.class_embedding.expand(len(patches), 1, -1), patches], 1) + self.positional_embedding
        x = self.ln_pre(tokens)
        for block in self.transformer.resblocks:
            x = block(x)
        return self.ln_post(x) @ self.proj


# What a device does at most


class Product(nn.Module):
    """A matrix product."""

    PREFIX = ""

    def __init__(self, config):
        super().__init__()

    def forward(self, left, right):
        return left @ right


NETWORKS = {"unet": Unet, "vae": VaeDecoder, "clip": ClipVision, "product": Product}
