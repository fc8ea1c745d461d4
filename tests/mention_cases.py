"""Names as people write them, each with what it must lead to. One list per part of the registry's tests."""

# A model: the text names exactly one thing, the model of that id.
MODELS: dict[str, str] = {
    "Llama-3.1-8B-Instruct": "llama-3.1",
    "meta-llama/Llama-3.1-8B-Instruct": "llama-3.1",
    "llama3.1 8b": "llama-3.1",
    "LLaMA 3.1": "llama-3.1",
    "Meta Llama 3.1": "llama-3.1",
    "meta llama 3.1 405b": "llama-3.1",
    "Llama v3.1": "llama-3.1",
    "Llama (3.1)": "llama-3.1",
    "llama 3.1 70 billion": "llama-3.1",
    "Llama 3.1 405B FP8": "llama-3.1",
    "Llama-3.1-70B-Instruct-AWQ-INT4": "llama-3.1",
    "Llama 2": "llama-2",
    "llama2-70b-chat": "llama-2",
    "the 7B Llama 2": "llama-2",
    "Llama-2-7b-hf": "llama-2",
    "first LLaMA": "llama-1",
    "the original Llama 2 13B weights": "llama-2",
    "original LLaMA": "llama-1",
    "LLaMA 1": "llama-1",
    "LLaMA-65B": "llama-1",
    "Llama 3.2 3B": "llama-3.2",
    "Llama 3.2 1B": "llama-3.2",
    "Llama 3.2 11B": "llama-3.2-vision",
    "Llama-3.2-90B-Vision-Instruct": "llama-3.2-vision",
    "Llama 3.3 70B": "llama-3.3",
    "Llama 4 Scout": "llama-4",
    "Llama-4-Maverick-17B-128E": "llama-4",
    "Maverick": "llama-4",
    "CodeLlama-34b": "code-llama",
    "Code Llama": "code-llama",
    "Llama Guard 3 8B": "llama-guard-3",
    "Gemma 3 27B": "gemma-3",
    "google/gemma-3-27b-it": "gemma-3",
    "gemma2 9b": "gemma-2",
    "Gemma 3n": "gemma-3n",
    "gemma-3n-E4B": "gemma-3n",
    "Gemma 4": "gemma-4",
    "PaliGemma 2": "gemma-kin",
    "MedGemma 27B": "medgemma",
    "Qwen 2.5 72B": "qwen2.5-72b",
    "qwen2.5-72b": "qwen2.5-72b",
    "Qwen2.5-72B-Instruct": "qwen2.5-72b",
    "Qwen2.5-3B": "qwen2.5-3b",
    "Qwen2.5 7B": "qwen2.5",
    "Qwen/Qwen2.5-32B-Instruct-GPTQ-Int4": "qwen2.5",
    "Qwen2.5-Coder-32B": "qwen2.5-coder",
    "qwen 2.5 coder 3b": "qwen2.5-coder-3b",
    "Qwen2.5-VL-72B": "qwen2.5-vl-72b",
    "Qwen2-72B": "qwen2-72b",
    "Qwen2-7B": "qwen2",
    "Qwen1.5-72B": "qwen1.5",
    "Qwen-72B-Chat": "qwen-1",
    "Qwen3-235B-A22B": "qwen3",
    "Qwen3": "qwen3",
    "Qwen3-Coder-480B": "qwen3-coder",
    "Qwen3-Max": "qwen3-max",
    "QwQ-32B": "qwq",
    "Mistral 7B": "mistral-7b",
    "mistral-7b-instruct-v0.3": "mistral-7b",
    "Mixtral 8x22B": "mixtral-8x22b",
    "mixtral-8x7b": "mixtral-8x7b",
    "Mistral Large": "mistral-large-2",
    "Mistral Large 2": "mistral-large-2",
    "Mistral-Large-Instruct-2407": "mistral-large-2",
    "Mistral Large 3": "mistral-large-3",
    "Mistral Nemo": "mistral-nemo",
    "Mistral Small 3.1 24B": "mistral-small-3",
    "Codestral": "codestral-22b",
    "Codestral Mamba": "codestral-mamba",
    "Ministral 8B": "ministral-8b",
    "DeepSeek V2": "deepseek-v2",
    "DeepSeek-V3": "deepseek-v3",
    "DeepSeek-V3-0324": "deepseek-v3-0324",
    "deepseek v3.1": "deepseek-v3.1",
    "DeepSeek-R1": "deepseek-r1",
    "deepseek r1": "deepseek-r1",
    "DeepSeek-R1-Zero": "deepseek-r1",
    "deepseek-ai/DeepSeek-R1-Distill-Llama-70B": "deepseek-r1-distill-llama-70b",
    "DeepSeek-R1-Distill-Llama-8B": "deepseek-r1-distill-llama-8b",
    "DeepSeek R1 Distill Qwen 7B": "deepseek-r1-distill-qwen",
    "DeepSeek-Coder-V2-Lite": "deepseek-coder-v2",
    "deepseek-coder-33b": "deepseek-coder",
    "Deep Seek V3": "deepseek-v3",
    "Kimi K2": "kimi-k2",
    "moonshotai/Kimi-K2-Instruct": "kimi-k2",
    "Kimi K2.5": "kimi-k2.5",
    "MiniMax-M2": "minimax-m2",
    "MiniMax M1": "minimax-m1",
    "MiniMax-Text-01": "minimax-01",
    "GLM-4.5-Air": "glm-4.5",
    "glm4 9b": "glm-4-9b",
    "ChatGLM2-6B": "chatglm2-6b",
    "Yi-34B": "yi",
    "Yi-1.5-34B": "yi-1.5",
    "Falcon 180B": "falcon-180b",
    "Falcon 40B": "falcon-1",
    "falcon-7b": "falcon-1",
    "Falcon 2 11B": "falcon-2",
    "falcon 11b": "falcon-2",
    "Falcon3-7B": "falcon-3",
    "Phi-4": "phi-4",
    "phi 4": "phi-4",
    "phi3 mini": "phi-3",
    "Phi-3.5-MoE": "phi-3",
    "OLMo 2": "olmo-2",
    "OLMo-2-1124-13B": "olmo-2",
    "Pythia": "pythia",
    "pythia-12b": "pythia",
    "GPT-J": "gpt-j-6b",
    "GPT-J 6B": "gpt-j-6b",
    "GPT-NeoX-20B": "gpt-neox-20b",
    "gpt-oss-120b": "gpt-oss",
    "GPT-2": "gpt-2",
    "gpt2-xl": "gpt-2",
    "GPT-4o": "gpt-api",
    "Whisper": "whisper",
    "whisper-large-v3": "whisper",
    "NLLB-200": "nllb-200",
    "facebook/nllb-200-distilled-600M": "nllb-200",
    "Parakeet TDT 0.6B v2": "parakeet-tdt",
    "nvidia/parakeet-tdt-0.6b-v2": "parakeet-tdt",
    "MPT-7B-Chat": "mpt-chat",
    "MPT-7B": "mpt",
    "BLOOM": "bloom",
    "bloom-7b1": "bloom",
    "StarCoder": "starcoder",
    "StarCoder2-15B": "starcoder2",
    "bigcode/starcoder2-15b": "starcoder2",
    "Command R": "command-r",
    "Command R+": "command-r-plus",
    "command-r-plus": "command-r-plus",
    "c4ai-command-r-08-2024": "command-r",
    "Grok-1": "grok-1",
    "DBRX": "dbrx",
    "EXAONE 3.5": "exaone-3.5",
    "EXAONE 4.0": "exaone-4",
    "HyperCLOVA X SEED": "hyperclova-x-seed",
    "SDXL": "sdxl-1.0",
    "Stable Diffusion XL": "sdxl-1.0",
    "SDXL Turbo": "sdxl-turbo",
    "Stable Diffusion 1.5": "stable-diffusion-1",
    "SD 1.5": "stable-diffusion-1",
    "sd1.5": "stable-diffusion-1",
    "Stable Diffusion v1.4": "stable-diffusion-1",
    "stable-diffusion-v1-5": "stable-diffusion-1",
    "Stable Diffusion 2.1": "stable-diffusion-2",
    "SD3": "stable-diffusion-3",
    "Stable Diffusion 3.5 Large": "stable-diffusion-3.5",
    "Stable Video Diffusion": "stable-video-diffusion",
    "FLUX.1 dev": "flux.1-dev",
    "FLUX.1 [schnell]": "flux.1-schnell",
    "flux.1-schnell": "flux.1-schnell",
    "black-forest-labs/FLUX.1-dev": "flux.1-dev",
    "FLUX.1 Kontext [dev]": "flux.1-kontext-dev",
    "Playground v2": "playground-v2",
    "Wan 2.1": "wan-2.1",
    "Hunyuan3D-2": "hunyuan3d-2",
    "Hunyuan 3D 2.0": "hunyuan3d-2",
    "Llama-3.1-Nemotron-70B": "llama-nemotron-70b",
    "MusicGen": "musicgen",
    "SAM 2": "sam-2",
    "YOLOv8": "yolov8",
    "all-MiniLM-L6-v2": "all-minilm-l6-v2",
    "BAAI/bge-m3": "bge",
    "Depth Anything V2 Small": "depth-anything-v2-small",
    "LTX-Video 13B 0.9.7": "ltx-video-13b-0.9.7",
}

# One license of the catalog.
LICENSES: dict[str, str] = {
    "MIT": "mit",
    "MIT License": "mit",
    "mit license": "mit",
    "the MIT licence": "mit",
    "MIT-licensed": "mit",
    "Apache": "apache-2.0",
    "Apache 2.0": "apache-2.0",
    "Apache-2.0": "apache-2.0",
    "apache licence 2": "apache-2.0",
    "Apache License, Version 2.0": "apache-2.0",
    "BSD 3-clause": "bsd-new",
    "BSD-2-Clause": "bsd-simplified",
    "GPL-3.0": "gpl-3.0",
    "GPLv3": "gpl-3.0",
    "gpl v3": "gpl-3.0",
    "GPL version 2": "gpl-2.0",
    "version 3 of the GPL": "gpl-3.0",
    "GNU General Public License, version 3": "gpl-3.0",
    "LGPL-2.1": "lgpl-2.1",
    "AGPLv3": "agpl-3.0",
    "AGPL": "agpl-3.0",
    "MPL 2.0": "mpl-2.0",
    "CC BY 4.0": "cc-by-4.0",
    "CC-BY-NC-4.0": "cc-by-nc-4.0",
    "CC BY-NC (4.0)": "cc-by-nc-4.0",
    "cc by nc sa 4.0": "cc-by-nc-sa-4.0",
    "Creative Commons Attribution-NonCommercial 4.0": "cc-by-nc-4.0",
    "CC0": "cc0-1.0",
    "CDLA-Permissive-2.0": "cdla-permissive-2.0",
    "ODbL": "odbl-1.0",
    "OpenMDW-1.0": "openmdw-1.0",
    "OpenMDW": "openmdw-1.0",
    "Elastic License 2.0": "elastic-license-v2",
    "SSPL": "mongodb-sspl-1.0",
    "BUSL-1.1": "bsl-1.1",
    "Llama 3.1 Community License": "llama-3.1-license-2024",
    "Llama 4 Acceptable Use Policy": "llama-4-license-2025",
    "DeepSeek License Agreement v1.0": "deepseek-la-1.0",
    "Tongyi Qianwen License": "tongyi-qianwen-2023",
    "BigCode OpenRAIL-M v1": "bigcode-open-rail-m-v1",
    "BigScience Open RAIL-M": "bigscience-open-rail-m",
    "CreativeML Open RAIL-M": "stable-diffusion-2022-08-22",
    "FLUX.1 [dev] Non-Commercial License": "flux-1-nc",
    "NVIDIA Open Model License": "nvidia-open-model-2025-04-28",
    "Stability AI Community License": "stability-ai-community-2024",
}

# Several licenses between which the name does not decide; these must be among them.
FAMILIES: dict[str, tuple[str, ...]] = {
    "Llama": ("llama-license-2023", "llama-2-license-2023", "llama-3.1-license-2024", "llama-4-cla-2025"),
    "Llama LoRA": ("llama-license-2023", "llama-4-cla-2025"),
    "Gemma": ("gemma-tou-2024-04-01", "gemma-tou-2025-03-24"),
    "Qwen": ("tongyi-qianwen-2023", "qwen-2024", "apache-2.0"),
    "Qwen2.5": ("qwen-2024", "apache-2.0"),
    "Qwen 72B": ("tongyi-qianwen-2023", "qwen-2024"),
    "DeepSeek": ("deepseek-la-1.0", "mit"),
    "Mistral": ("apache-2.0",),
    "Stable Diffusion": ("stable-diffusion-2022-08-22", "bigscience-open-rail-m2", "stability-ai-community-2024"),
    "FLUX.1": ("flux-1-nc", "apache-2.0"),
    "GPL": ("gpl-2.0", "gpl-3.0"),
    "Creative Commons": ("cc-by-4.0", "cc-by-nc-4.0"),
    "CC BY-NC": ("cc-by-nc-4.0",),
    "BSD": ("bsd-new", "bsd-simplified"),
    "OpenRAIL-M": ("bigscience-open-rail-m", "bigcode-open-rail-m-v1"),
    "modified MIT": ("moonshot-ai-modified-mit-2025",),
}

# Nothing of that name and version exists.
UNKNOWN: dict[str, str] = {
    "Llama 7": "llama-",
    "Llama 3.9": "llama-3.",
    "Qwen 9": "qwen",
    "Gemma 12 Ultra": "gemma-",
    "GPL-7": "gpl-",
    "Apache 3.0": "apache-",
    "CC BY 7.0": "cc-by-",
    "Kimi K9": "kimi-",
    "DeepSeek R7": "deepseek-",
    "MiniMax M9": "minimax-",
    "Phi-9": "phi-",
    "Falcon 8": "falcon-",
    "Mixtral 9x99B": "mixtral-",
    "Qwen2.5-70B": "qwen2.5",
    "Stable Diffusion 9": "stable-diffusion-",
    "FLUX.5": "flux.",
    "DeepSeek License v2.0": "deepseek-",
    "MPL 4.0": "mpl-",
}

# Typing errors. Digits are never mended.
TYPOS: dict[str, str] = {
    "Lama 3.1": "llama-3.1",
    "Lllama 3.1 8B": "llama-3.1",
    "Gema 3": "gemma-3",
    "Mixtrall 8x7B": "mixtral-8x7b",
    "Mistrl 7B": "mistral-7b",
    "Qwenn 2.5 72B": "qwen2.5-72b",
    "Falcn 40B": "falcon-1",
    "Stable Difusion 1.5": "stable-diffusion-1",
    "DeepSek-R1": "deepseek-r1",
    "Starcodr2": "starcoder2",
    "Apahce 2.0": "apache-2.0",
    "Creative Comons": "cc-by-4.0",
    "GNU Genral Public License v3": "gpl-3.0",
    "Elastik License 2.0": "elastic-license-v2",
}

# Sentences about licensing and the world that name nothing.
ORDINARY = """
The bloom of spring may whisper to the falcon.
We should command respect and opt for clarity.
The commons may be used by anyone.
In spring the flowers bloom and the falcons fly.
Bloom where you are planted.
Whisper if you must, and falcon if you dare.
Please whisper it: phi is a Greek letter and yi is a word.
We may license the software to others under our own terms.
Our terms of service apply to all users and their data.
An open license grants rights to use, copy and modify.
The standard is in flux and the claims are solid as granite.
He sang in the cosmos about a canary and a parakeet.
A solar panel and a nova are not a seed of doubt.
They opted in, then opted out, step by step.
The llano and the comma are gems of the genre.
Our general counsel drafted the agreement; the public may comment.
Creative people share their work with attribution.
Anyone can fork the code, merge it and sell it.
We serve 3 million users and 2 billion requests.
She would whisper 3 times a day, and the plants bloom 2 weeks a year.
The company shall indemnify the licensee in section 7 of the contract.
Is it fair to ask for money for a public good?
The model outputs JSON and our Python code parses it.
We run the job in Ruby, Perl and PHP on a vim screen.
Our stack uses PostgreSQL 16, OpenSSL 3.0, Python 3.11 and curl 8.
The intel says that apple pie is fine.
We store events in Apache Kafka and Apache Spark.
He studied at the MIT Media Lab; du kommst mit.
Which courts have jurisdiction, and which law governs?
How do I make a claim about a patent on a rail car?
Does the warranty disclaimer apply in Germany?
The sun may shine on the sea; the artist was artistic.
My boost in energy came from a sleepy cat.
What is a derivative work under copyright law?
See section 3.1 and clause 2.0 of the contract.
On March 24, 2025 we signed version 4.0 of the master agreement.
The stable was full of horses and the diffusion of gas was slow.
A dolly and a bert are toys; elmo too.
A grok of the idea, a bard with a song, a palm tree.
Can the whisper network help, or the emu run?
We serve it with llama.cpp and index it with LlamaIndex.
The Falcon 9 rocket is not a model.
Contact us at legal@example.com or visit https://example.com/terms/v2.
GDPR article 28 requires a contract with each processor.
Our SLA promises 99.9 % uptime for 12 months.
The gamma 3 setting and the comma 2 rule are unrelated.
Put the SD card 3 into slot 5.
""".strip().splitlines()
