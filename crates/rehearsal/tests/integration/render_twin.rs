//! The Render twin by itself: what the vendor's API reference, documentation and
//! recorded traffic say, shown one by one. Every exchange passes the contract layer.

mod bench;
mod deploys;
mod life;
mod limits;
mod logs;
mod requests;
mod services;
mod variables;
