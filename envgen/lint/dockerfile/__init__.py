"""A Dockerfile as BuildKit reads it, in which every instruction, flag and word has its place."""

from envgen.lint.dockerfile.model import Dockerfile, Heredoc, Instruction, Stage
from envgen.lint.dockerfile.parse import SyntaxProblem, parse

__all__ = ["Dockerfile", "Heredoc", "Instruction", "Stage", "SyntaxProblem", "parse"]
