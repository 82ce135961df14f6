# `just` lists what there is; CI runs `just ci` or `.ci/run`, which are the same.

default:
    @just --list

# everything that must hold before a change is merged
ci:
    .ci/run

test *ARGS:
    cargo test --locked {{ARGS}}

fmt:
    cargo fmt

lint:
    cargo clippy --locked --all-targets -- -D warnings

# the contracts in schema/ and all other expectations, rewritten from the code
schema:
    UPDATE_EXPECT=1 cargo test --locked

# Headwater beside floors, over the example site or what HEADWATER_CORPUS names: `just bench search`
bench *ARGS:
    cargo bench --locked --bench bench -- {{ARGS}}

demo:
    cargo run --locked --release -- serve --demo
