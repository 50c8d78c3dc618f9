//! `lab serve`: the lab's own process, below its supervisor.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use http::{Method, StatusCode};
use serde_json::json;

use super::cache::Cache;
use super::endpoints::{ACCESS_KEY, ACCOUNT, CLUSTER, Endpoints, Programs, REGION, SECRET_KEY};
use super::error::{Context as _, Result};
use super::http::{Answer, listen, refusal, serve};
use super::load_balancer::{self, Listing, Vpc};
use super::network::Network;
use super::options::{Node, Options};
use super::parts::aws::Aws;
use super::parts::control_plane::ControlPlane;
use super::parts::{Ground, Parts, cert_manager, eks, node, token_review};
use super::pki::Pki;
use super::progress::Step;
use super::proxy::Upstreams;

/// Starts everything in `dir` and returns where it is; it runs as long as this process.
///
/// # Errors
/// A part doesn't start; the message ends with its log.
pub async fn start(dir: &Path, options: &Options) -> Result<Endpoints> {
    let cache = super::setup::ensure()?;
    let _step = Step::start("starting");
    let ground = ground(dir, cache)?;
    let aws = Aws::start(&ground, options.eks).await?;
    let token_review = token_review::start(dir, &aws.moto).await?;
    let plane = ControlPlane::start(&ground, &token_review).await?;
    let (nodes, balancers) = inhabit(&ground, &plane, &aws, options).await?;
    let upstreams = Upstreams::new(&ground.pki, &plane.server, &aws.moto, aws.ministack.as_deref())?;
    let session = upstreams.open().await?;
    let control = control(ground.parts.clone(), upstreams, balancers.clone()).await?;
    let endpoints = Endpoints {
        dir: dir.to_owned(),
        control,
        kube_admin_kubeconfig: plane.kubeconfig("admin"),
        kube_admin_token: plane.admin_token.clone(),
        kube_server_direct: plane.server.clone(),
        kube_ca_pem: ground.pki.ca.clone(),
        moto_direct: aws.moto,
        ministack: aws.ministack,
        session,
        cluster: CLUSTER.to_owned(),
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        access_key: ACCESS_KEY.to_owned(),
        secret_key: SECRET_KEY.to_owned(),
        nodes: nodes.names,
        node_api: nodes.api,
        lb_cidrs: balancers.map_or_else(Vec::new, |_| load_balancer::cidrs(ground.network.balancer_octet())),
        programs: programs(&ground.cache)?,
    };
    // The lock of the address ranges lasts as long as this process.
    std::mem::forget(ground);
    Ok(endpoints)
}

fn ground(dir: &Path, cache: Cache) -> Result<Ground> {
    std::fs::create_dir_all(dir.join("logs")).context(dir.display())?;
    let network = Network::take()?;
    let pki = Pki::create(&dir.join("pki"), &network.first_service())?;
    Ok(Ground {
        parts: Parts::new(dir),
        cache,
        pki,
        network,
    })
}

/// Starts everything that needs the API server, at once.
async fn inhabit(
    ground: &Ground,
    plane: &ControlPlane,
    aws: &Aws,
    options: &Options,
) -> Result<(node::Started, Option<Listing>)> {
    let (nodes, _, balancers) = tokio::try_join!(
        node::start(ground, plane, options),
        async {
            let client = cert_manager::install(ground, plane).await?;
            plane.start_controllers(ground).await?;
            cert_manager::start(ground, plane, &client, aws, options).await
        },
        async {
            aws.ready(&ground.parts).await?;
            let vpc = Vpc::new(&aws.moto, ground.network.balancer_octet());
            eks::create(aws, &vpc.ensure().await?).await?;
            balance(ground, plane, aws, vpc, options).await
        },
    )?;
    Ok((nodes, balancers))
}

/// Starts the controller of load balancers where pods run that they can lead to.
async fn balance(
    ground: &Ground,
    plane: &ControlPlane,
    aws: &Aws,
    vpc: Vpc,
    options: &Options,
) -> Result<Option<Listing>> {
    if !options.load_balancers || options.node != Node::Kubelet {
        return Ok(None);
    }
    let listing = load_balancer::start(load_balancer::Options {
        client: super::client(&plane.kubeconfig("admin")).await?,
        moto: aws.moto.clone(),
        vpc,
        octet: ground.network.balancer_octet(),
        nginx: ground.cache.nginx()?,
        dir: ground.parts.dir.join("load-balancers"),
        registration: Duration::from_millis(options.registration_millis),
    });
    listing.await.map(Some)
}

fn programs(cache: &Cache) -> Result<Programs> {
    Ok(Programs {
        nginx: cache.nginx()?,
        sslyze: cache.python("sslyze"),
        python: cache.python("python"),
        bin: cache.bin(),
        crds: cache.crds(),
        terraform: super::hosts::terraform(cache),
    })
}

/// The control API of the lab: `POST /sessions`, `GET /parts`, `POST /parts/NAME/start|stop`, `GET /load-balancers`.
async fn control(parts: Parts, upstreams: Upstreams, balancers: Option<Listing>) -> Result<String> {
    let (listener, url) = listen("http").await?;
    tokio::spawn(serve(listener, move |method: Method, path: String, _: Bytes| {
        let (parts, upstreams, balancers) = (parts.clone(), upstreams.clone(), balancers.clone());
        async move {
            match answer(&parts, &upstreams, balancers.as_ref(), &method, &path).await {
                Ok(answer) => answer,
                Err(error) => refusal(StatusCode::BAD_REQUEST, error),
            }
        }
        .boxed()
    }));
    Ok(url)
}

async fn answer(
    parts: &Parts,
    upstreams: &Upstreams,
    balancers: Option<&Listing>,
    method: &Method,
    path: &str,
) -> Result<Answer> {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (method.as_str(), segments.as_slice()) {
        ("POST", ["sessions"]) => Ok((StatusCode::OK, json!(upstreams.open().await?))),
        ("GET", ["load-balancers"]) => {
            let listed = balancers.map(|listing| listing.borrow().clone()).unwrap_or_default();
            Ok((StatusCode::OK, json!(*listed)))
        }
        ("GET", ["parts"]) => Ok((StatusCode::OK, json!(parts.list().await))),
        ("POST", ["parts", name, "start"]) => parts.start(name).await.map(|()| (StatusCode::OK, json!({}))),
        ("POST", ["parts", name, "stop"]) => parts.stop(name).await.map(|()| (StatusCode::OK, json!({}))),
        _ => Ok(refusal(StatusCode::NOT_FOUND, format!("no {method} {path}"))),
    }
}
