//! The command line.

mod out;
mod progress;
