//! Headwater.
#![allow(dead_code, unused_imports)]
mod analysis;
mod cli;
mod config;
mod cql;
mod export;
mod index;
mod model;
mod ports;
mod search;

mod store;
