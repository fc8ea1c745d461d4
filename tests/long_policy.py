"""A long contract of many clauses, as Markdown and as the PDF that reportlab makes of it."""

from pathlib import Path

from make_policy_pdf import make

TERMS = ("Covered Model", "Derivative Model", "Customer Data", "Acceptable Use", "Reporting Period", "Release Board")
_WORDS = (
    "The Release Board must approve each Covered Model before it is offered to a customer, and records why.",
    "Customer Data must not be used to train a Derivative Model without a written order of the customer.",
    "Whoever runs a Covered Model keeps the records of each Reporting Period for five years after its end.",
    "A Derivative Model may be given to a supplier only where the supplier has agreed to the Acceptable Use rules.",
    "Nobody may remove a notice from a Covered Model, and nobody may hide that Customer Data went into it.",
)


def markdown(sections: int, clauses: int) -> str:
    """Return a contract of that many sections of that many clauses each; the first defines its terms."""
    blocks = ["# Framework agreement on models", "## 1. Definitions"]
    blocks += [
        f"1.{n} “{term}” means what schedule {n} of this agreement lists under that name, as amended on its day {n}."
        for n, term in enumerate(TERMS, 1)
    ]
    for section in range(2, sections + 1):
        blocks.append(f"## {section}. Duties of the kind {section}")
        blocks += [
            f"{section}.{clause} {_WORDS[(section + clause) % len(_WORDS)]} This is rule {section}-{clause} of the agreement."
            for clause in range(1, clauses + 1)
        ]
    return "\n\n".join(blocks) + "\n"


def pdf(folder: Path, sections: int = 16, clauses: int = 20) -> Path:
    """Write the contract as a PDF in `folder` and return its path."""
    source, target = folder / "framework.md", folder / "framework-agreement.pdf"
    source.write_text(markdown(sections, clauses), encoding="utf-8")
    make(source, target)
    return target
