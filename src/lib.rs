//! Headwater.
#![allow(dead_code, unused_imports)]
mod analysis;
mod cli;
mod config;
mod cql;
mod model;
mod ports;
