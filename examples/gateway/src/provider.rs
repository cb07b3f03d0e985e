// SPDX-License-Identifier: Apache-2.0

//! The other side of the wire: a provider on this machine, and an exchange with it.

use std::{io, net::SocketAddr, sync::mpsc, thread};

use axum::{Router, body::Bytes, http::StatusCode, routing::post};
use permit_canonical_json::Sha256Digest;
use permit_closure::{DigestTee, NotDispatched, Outcome};

use crate::Failure;

/// Sends the bytes and hands the answer on, hashing both ways while they pass.
pub(crate) fn exchange(url: &str, body: &[u8]) -> Exchange {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let request = agent.post(url).header("content-type", "application/json");
    let Ok(mut response) = request.send(body) else { return Exchange::default() };
    let status = response.status().as_u16();
    let mut received = DigestTee::new(response.body_mut().as_reader());
    // The client of this example is a buffer; of a real gateway, a socket.
    let mut client = DigestTee::new(Vec::new());
    let is_whole = io::copy(&mut received, &mut client).is_ok();
    let (provider, client) = (Some(received.digest()), Some(client.digest()));
    Exchange { status: Some(status), is_whole, provider, client }
}

/// How an exchange with the provider went; nothing but defaults if nothing was sent.
#[derive(Default)]
pub(crate) struct Exchange {
    pub(crate) status: Option<u16>,
    is_whole: bool,
    /// The digest of what was received.
    pub(crate) provider: Option<Sha256Digest>,
    /// The digest of what was handed to the client.
    pub(crate) client: Option<Sha256Digest>,
}

impl Exchange {
    /// How the execution ended. Each outcome has the digests that its status demands.
    pub(crate) fn outcome(&self) -> Result<Outcome, NotDispatched> {
        let (provider, client) = (self.provider, self.client);
        match (self.status, provider, client) {
            (Some(200..300), Some(provider), Some(client)) if self.is_whole => {
                Ok(Outcome::Closed { provider, client })
            }
            (Some(_), provider, client) => Ok(Outcome::ProviderError { provider, client }),
            (None, ..) => Err(NotDispatched::DispatchError { client: None }),
        }
    }
}

/// A provider on this machine: it answers, or it is overloaded.
pub(crate) fn start() -> Result<SocketAddr, Failure> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
            let _ = tell.send(listener.local_addr()?);
            let answer = async |body: Bytes| {
                if body.windows(13).any(|bytes| bytes == b"example-flaky") {
                    return (StatusCode::SERVICE_UNAVAILABLE, r#"{"error": "overloaded"}"#);
                }
                (StatusCode::OK, r#"{"text": "It left our warehouse this morning."}"#)
            };
            axum::serve(listener, Router::new().route("/", post(answer))).await
        })
    });
    Ok(told.recv()?)
}
