//! Headwater.
#![allow(dead_code, unused_imports)]
mod analysis;
mod cql;
mod index;
mod model;
mod ports;
