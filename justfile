# Shortcuts. Every recipe is one or two ordinary commands, so that nobody needs just: read them here and type them.

# What the recipes are.
default:
    @just --list

# The main job: every collector on every workload; the report goes to a folder that the last line names.
run *ARGS:
    cargo run --release -- run {{ARGS}}

# The tutorial's story on every collector.
demo *ARGS:
    cargo run --release -- demo {{ARGS}}

# All tests.
test *ARGS:
    cargo test --workspace {{ARGS}}

# Formatting and lints.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# API documentation, without warnings.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Criterion benches, the published crates of others among them.
bench *ARGS:
    cargo bench -p cyclade-benches {{ARGS}}

# The tables of docs/performance.md: everybody against everybody, and everything against its control.
compare *ARGS:
    cargo bench -p cyclade-benches --bench compare -- {{ARGS}}

# The gate on instruction counts (needs valgrind); `just instructions --renew` writes the baseline anew.
instructions *ARGS:
    cargo bench -p cyclade-benches --bench instructions -- {{ARGS}}

# The book, as HTML in target/book (needs `cargo install mdbook`). docs/ can be read as it is.
book:
    mdbook build docs

heap := "-p cyclade-core -p cyclade-null -p cyclade-refcount -p cyclade-trial-deletion -p cyclade-mark-sweep -p cyclade-concurrent"

# The tests of the heap and the collectors under the compiler's sanitizers (needs nightly, and rust-src for the last).
sanitizers: (sanitizer "address") (sanitizer "leak") leaks (sanitizer "thread" "-Zbuild-std")

# The same under one of them: address, leak, or thread (which takes "-Zbuild-std" behind it).
sanitizer NAME="address" *ARGS:
    RUSTFLAGS=-Zsanitizer={{NAME}} cargo +nightly test {{ARGS}} --target x86_64-unknown-linux-gnu {{heap}} --lib --tests -- --skip compile

# The leak tests, in which every object owns something outside of the heap, as the leak sanitizer sees them.
leaks:
    RUSTFLAGS=-Zsanitizer=leak cargo +nightly test --target x86_64-unknown-linux-gnu -p cyclade-benches --tests

# Miri on the core and the single-threaded collectors (needs nightly with miri).
miri:
    MIRIFLAGS="-Zmiri-strict-provenance -Zmiri-disable-isolation" cargo +nightly miri test \
        -p cyclade-core -p cyclade-null -p cyclade-refcount -p cyclade-trial-deletion --lib --tests -- --skip compile
    MIRIFLAGS="-Zmiri-permissive-provenance -Zmiri-disable-isolation -Zmiri-ignore-leaks" cargo +nightly miri test \
        -p cyclade-mark-sweep --lib --tests -- --skip huge

# The protocols between the concurrent collector's threads, in all interleavings.
loom:
    RUSTFLAGS="--cfg loom" cargo test -p cyclade-concurrent --lib

# Plants mistakes in trial deletion, and shows what catches each.
mistakes *ARGS:
    .ci/mistakes {{ARGS}}

# The library crates packed, built from their packages, and used without this repository (`just package --offline` asks nobody).
package *ARGS:
    .ci/package {{ARGS}}

# What a change must pass before it lands.
ci:
    .ci/run
