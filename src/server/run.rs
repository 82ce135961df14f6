//! From settings to a listening server, and to a quiet end.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::metrics;
use super::router;
use super::state::ServerState;

/// Why a server cannot run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    #[error(
        "cannot listen on `{0}`: everybody in the network could read what it holds\n\
         hint: without API keys only loopback addresses are served, such as `127.0.0.1:8080`"
    )]
    NotLoopback(SocketAddr),
    #[error("cannot listen on `{address}`")]
    Bind {
        address: SocketAddr,
        #[source]
        source: std::io::Error,
    },
    #[error("cannot start the threads of the server")]
    Runtime(#[source] std::io::Error),
    #[error("the server ended")]
    Serve(#[source] std::io::Error),
}

/// Serves until a signal to stop comes (ctrl-c, or SIGTERM where there is one), then
/// lets running requests end. `ready` is told the address once the server listens.
pub(crate) fn run(state: ServerState, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    let address = state.options.listen;
    if !address.ip().is_loopback() {
        return Err(ServeError::NotLoopback(address));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(ServeError::Runtime)?;
    let result = runtime.block_on(async {
        let bound = TcpListener::bind(address).await;
        let listener = bound.map_err(|source| ServeError::Bind { address, source })?;
        ready(listener.local_addr().unwrap_or(address));
        serve(listener, Arc::new(state), signal()).await
    });
    // Work that nobody waits for any more must not hold up the end.
    runtime.shutdown_background();
    result
}

/// Serves until `stop`. New requests are then refused and `/readyz` says so, while those
/// that run go on for at most the grace period; at last the connections are closed.
async fn serve(
    listener: TcpListener,
    state: Arc<ServerState>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let grace = state.options.shutdown_grace;
    let (drained, closing) = oneshot::channel::<()>();
    let drain = {
        let state = state.clone();
        async move {
            stop.await;
            tracing::info!("stopping");
            let _ = timeout(grace, state.drain()).await;
            let _ = drained.send(());
        }
    };
    let upkeep = tokio::spawn(metrics::upkeep(state.metrics.clone()));
    let mut server = tokio::spawn(async move {
        let server = axum::serve(listener, router(state));
        server.with_graceful_shutdown(drain).await
    });
    let ended = tokio::select! {
        ended = &mut server => ended,
        // Connections that stay open without a request get a moment, no more.
        () = async { let _ = closing.await; tokio::time::sleep(LAST_MOMENT).await } => {
            server.abort();
            Ok(Ok(()))
        }
    };
    upkeep.abort();
    match ended {
        Ok(result) => result.map_err(ServeError::Serve),
        Err(err) => Err(ServeError::Serve(std::io::Error::other(err))),
    }
}

/// How long connections may take to write what is already answered.
const LAST_MOMENT: std::time::Duration = std::time::Duration::from_secs(1);

async fn signal() {
    let interrupt = async {
        // Without a handler there is nothing to wait for: the default ends the process.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupt => {}
        () = terminate() => {}
    }
}

#[cfg(unix)]
async fn terminate() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminate() {
    std::future::pending().await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;
    use crate::server::tests::{Fake, options};

    #[test]
    fn other_than_loopback_is_refused() {
        let mut options = options();
        options.listen = "0.0.0.0:0".parse().unwrap();
        let state = ServerState::new(options, Arc::new(Fake::default()));
        let err = run(state, |_| panic!("does not listen")).unwrap_err();
        assert!(
            err.to_string()
                .starts_with("cannot listen on `0.0.0.0:0`: everybody")
        );
    }

    /// One request whose search waits until the server was told to stop.
    #[tokio::test]
    async fn running_requests_end_and_new_ones_are_refused() {
        let (stop, stopped) = oneshot::channel::<()>();
        let fake = Fake::slow();
        let gate = fake.gate.clone();
        let state = Arc::new(ServerState::new(options(), Arc::new(fake)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(serve(listener, state.clone(), async {
            let _ = stopped.await;
        }));

        let running = tokio::spawn(get(address, "/v1/search?q=slow"));
        while state.admission.available_permits() == 2 * state.options.max_concurrent {
            tokio::task::yield_now().await;
        }
        stop.send(()).unwrap();
        while !state.is_draining() {
            tokio::task::yield_now().await;
        }
        assert!(get(address, "/readyz").await.starts_with("HTTP/1.1 503"));
        assert!(get(address, "/livez").await.starts_with("HTTP/1.1 200"));
        assert!(
            get(address, "/v1/search?q=new")
                .await
                .contains("the server is stopping")
        );

        gate.open();
        assert!(running.await.unwrap().starts_with("HTTP/1.1 200"));
        timeout(Duration::from_secs(30), server)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }

    async fn get(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}
