//! Headwater.
#![allow(dead_code, unused_imports)]
mod analysis;
mod cql;
mod export;
mod model;
mod ports;
mod store;
