# Front door. Everything else is CMake presets and scripts.
.PHONY: help run build test slow release bench format check fuzz clean
.DEFAULT_GOAL := help

help:            ## This list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: build       ## Install what is missing, build, and start with this machine's logs and metrics
	build/release/livedata

build:           ## Build build/release/livedata
	@scripts/setup run
	@cmake --preset release -Wno-dev --log-level=WARNING
	@cmake --build --preset release --target livedata

test:            ## Install what is missing, build, and run the quick tests
	@scripts/setup test
	@cmake --preset release -Wno-dev --log-level=WARNING
	@cmake --build --preset release
	@ctest --preset quick

slow:            ## The slow tests: clients from npm, crash loops
	@scripts/setup test
	@cmake --preset release -Wno-dev
	@cmake --build --preset release
	@ctest --preset slow

release:         ## One self-contained binary, build/dist/livedata, with DuckDB inside
	@scripts/build-duckdb
	@cmake --preset dist -Wno-dev
	@cmake --build --preset dist
	@tools/check_self_contained build/dist/livedata

bench: build     ## Measure against rg and zstd
	@scripts/setup bench
	@cmake --build --preset release --target livedata_loggen
	@python3 bench/run.py

format:          ## Format our C++ files
	@scripts/setup check
	@git ls-files -co --exclude-standard '*.h' '*.cc' | xargs clang-format-19 -i

check:           ## Format, layers, names, lint
	@scripts/setup check
	@tools/check

fuzz:            ## Build the fuzz targets and run each for a minute
	@scripts/setup all
	@tools/fuzz

clean:           ## Remove build results (the cache outside of the tree stays)
	@rm -rf build
