"""How Django knows the cases: the app `docket`, whose records are in `records`.

INSTALLED_APPS -> the tables' classes
"""

from importlib import import_module

from django.apps import AppConfig  # type: ignore[import-untyped] # it has no types


class DocketConfig(AppConfig):  # type: ignore[misc] # it has no types
    """The app; a web app that uses the same database lists it."""

    name = "assent.adapters.docket"
    label = "docket"
    verbose_name = "Cases"

    def import_models(self) -> None:
        """Find the records where they are: a model here is a trained network."""
        self.models = self.apps.all_models[self.label]
        self.models_module = import_module(f"{self.name}.records")
