//! kube-rs: a reflector of pods, and a stream that touches each. Prints what sync and events cost as one line of JSON.

mod measure;

use std::collections::HashMap;

use anyhow::{Context, Result};
use futures::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
    runtime::{WatchStreamExt, reflector, watcher},
};
use measure::{Stopwatch, memory, post, used};
use serde_json::json;
use tokio::sync::watch;

/// What a handler reads.
fn touch(pod: &Pod, what: &str) -> usize {
    if what == "nothing" {
        return 0;
    }
    let mut letters = pod.metadata.name.as_deref().unwrap_or_default().len();
    letters += pod.metadata.namespace.as_deref().unwrap_or_default().len();
    if what == "all" {
        let image = pod.spec.as_ref().and_then(|spec| spec.containers[0].image.as_deref());
        let address = pod.status.as_ref().and_then(|status| status.pod_ip.as_deref());
        letters += image.unwrap_or_default().len() + address.unwrap_or_default().len();
    }
    letters
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked: HashMap<&str, &str> = arguments.iter().filter_map(|each| each.trim_start_matches("--").split_once('=')).collect();
    let burst: usize = asked.get("burst").unwrap_or(&"0").parse()?;
    let startup = used();
    let began = Stopwatch::new();
    let file = Kubeconfig::read_from(asked.get("kubeconfig").context("--kubeconfig")?)?;
    let config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await?;
    let pods: Api<Pod> = Api::all(Client::try_from(config)?);
    let (store, writer) = reflector::store::<Pod>();
    let mut how = watcher::Config::default();
    if asked.get("mode") == Some(&"watchlist") {
        how = how.streaming_lists();
    }
    let what = asked.get("touch").copied().unwrap_or("metadata").to_owned();
    let (told, mut seen) = watch::channel(0_usize);
    let stream = watcher(pods, how).default_backoff().reflect(writer).applied_objects();
    let running = tokio::spawn(stream.for_each(move |pod| {
        if let Ok(pod) = pod {
            std::hint::black_box(touch(&pod, &what));
            told.send_modify(|count| *count += 1);
        }
        futures::future::ready(())
    }));
    store.wait_until_ready().await?;
    let mut result = began.record("sync");
    result["startup_cpu"] = json!(startup);
    result["process_cpu"] = json!(used());
    result["sync_rss_mb"] = json!(memory("VmHWM"));
    result["after_sync_rss_mb"] = json!(memory("VmRSS"));
    result["objects"] = json!(store.len());
    if burst > 0 {
        let first = *seen.borrow();
        let began = Stopwatch::new();
        post(&format!("{}/burst?n={burst}", asked.get("url").context("--url")?)).await?;
        seen.wait_for(|count| *count >= first + burst).await?;
        let events = began.record("events");
        result.as_object_mut().context("an object")?.extend(events.as_object().context("an object")?.clone());
        result["events"] = json!(burst);
        result["steady_rss_mb"] = json!(memory("VmRSS"));
    }
    result["peak_rss_mb"] = json!(memory("VmHWM"));
    running.abort();
    println!("{result}");
    Ok(())
}
