# The commands of the house. `make` alone lists them.
.PHONY: help run check format test fast references screenshots

help:
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/  -/'

run:  ## start the app
	streamlit run app.py

check:  ## style, types and import contracts
	ruff check .
	ruff format --check .
	mypy
	lint-imports

format:  ## put the style right
	ruff check --fix .
	ruff format .

test:  ## everything: units, real frameworks, browser
	pytest -n auto

fast:  ## the part without frameworks, browser and servers, about three minutes on two cores
	pytest -n auto -m "not framework and not browser and not slow"

references:  ## write anew what docs/ quotes of the code
	python -m scripts.references

screenshots:  ## take the README's pictures anew
	python -m scripts.screenshots --first-screen screenshots
	for page in brief probes routes recommendation evidence trust; do cp screenshots/$$page-1440-light.png docs/screenshots/$$page.png; done
