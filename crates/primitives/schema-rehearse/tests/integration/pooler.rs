//! The way to the branch's database: poolers that come late, and connections that
//! fail at first.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rehearsal::fault::{Answer, What, When};
use rehearsal::twins::supabase::Supabase;
use serde_json::json;

use crate::world::{A, B, World, assert, run};

const POOLERS: &str = "GET /v1/projects/{project}/config/database/pooler";

fn world() -> World {
    let world = World::with(&[A], &[A, B]);
    world.quick();
    world
}

/// The reference of the first branch that a world makes: the twin's are the same every time.
fn first_branch() -> String {
    let other = world();
    other.supabase.add_persistent_branch(&other.production, "any").unwrap()
}

/// Closes the first `refused` connections, then passes on to the branch's server.
fn way(supabase: Supabase, branch: String, refused: usize) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let (port, count) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            if counted.fetch_add(1, Ordering::Relaxed) < refused {
                continue;
            }
            let address = supabase.address(&branch).unwrap();
            let port = address.rsplit_once(':').unwrap().1.split('/').next().unwrap().parse::<u16>().unwrap();
            let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
            for (mut from, mut to) in
                [(client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client)]
            {
                std::thread::spawn(move || {
                    let _ = io::copy(&mut from, &mut to);
                    let _ = to.shutdown(Shutdown::Both);
                });
            }
        }
    });
    (port, count)
}

fn answer(branch: &str, port: u16) -> What {
    let string = format!("postgres://postgres.{branch}:[YOUR-PASSWORD]@127.0.0.1:{port}/postgres");
    let pooler = json!([{"identifier": branch, "database_type": "PRIMARY", "is_using_scram_auth": true,
        "db_user": format!("postgres.{branch}"), "db_host": "127.0.0.1", "db_port": port, "db_name": "postgres",
        "connection_string": string, "connectionString": string, "default_pool_size": null, "max_client_conn": null,
        "pool_mode": "session"}]);
    What::Answer(Answer::json(200, pooler.to_string()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_connections_may_fail() {
    let (world, branch) = (world(), first_branch());
    let (port, connections) = way(world.supabase.clone(), branch.clone(), 5);
    let rule = world.server.faults().on(POOLERS, When::Always, answer(&branch, port));
    let done = run(world.rehearse()).await;
    assert(&done, "success", "");
    assert!(rule.fired() > 0 && connections.load(Ordering::Relaxed) > 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_lets_nobody_in_is_given_up_and_the_branch_goes() {
    let (world, branch) = (world(), first_branch());
    let (port, connections) = way(world.supabase.clone(), branch.clone(), usize::MAX);
    world.server.faults().on(POOLERS, When::Always, answer(&branch, port));
    let done = run(world.rehearse()).await;
    assert(&done, "timed-out", "the branch's database lets nobody in");
    assert!(connections.load(Ordering::Relaxed) > 5);
    assert_eq!(world.branches(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_comes_late_is_waited_for() {
    let world = world();
    let none = What::Answer(Answer::json(200, "[]"));
    let rule = world.server.faults().on(POOLERS, When::First(3), none.clone());
    assert(&run(world.rehearse()).await, "success", "");
    assert_eq!(rule.fired(), 3);
    world.server.faults().on(POOLERS, When::Always, none);
    assert(&run(world.rehearse()).await, "timed-out", "has no pooler");
    assert_eq!(world.branches(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_not_see_the_password_is_told_so() {
    let (world, branch) = (world(), first_branch());
    let config = json!({"ref": branch, "postgres_version": "17.4.1.043", "postgres_engine": "17", "release_channel": "ga",
        "status": "ACTIVE_HEALTHY", "db_host": format!("db.{branch}.supabase.co"), "db_port": 5432});
    let answer = What::Answer(Answer::json(200, config.to_string()));
    world.server.faults().on("GET /v1/branches/{branch}", When::Always, answer);
    let done = run(world.rehearse()).await;
    assert(&done, "denied", "may not see the password of branch greenroom-77");
    assert_eq!(world.branches(), Vec::<String>::new());
}
