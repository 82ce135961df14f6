//! Headwater.
#![allow(dead_code, unused_imports)]
mod analysis;
mod cql;
mod model;
mod ports;
mod storage;
