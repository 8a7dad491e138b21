//! A small program on kube-rs: a custom type from a derive, a reflector, a controller that applies a child, waits and a
//! finalizer, against the server in $KUBECONFIG. Prints "ok" and exits 0 when everything was as it should be.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api, Client, CustomResource, CustomResourceExt, Resource, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams},
    runtime::{
        Controller,
        controller::Action,
        finalizer::{Event, finalizer},
        reflector,
        wait::{await_condition, conditions},
        watcher,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const FINALIZER: &str = "rust.example.com/cleanup";

#[derive(CustomResource, Deserialize, Serialize, Clone, Debug, JsonSchema)]
#[kube(group = "rust.example.com", version = "v1", kind = "Document", namespaced, status = "DocumentStatus")]
struct DocumentSpec {
    title: String,
    #[serde(default)]
    hide: bool,
}

#[derive(Deserialize, Serialize, Clone, Debug, Default, JsonSchema)]
struct DocumentStatus {
    seen: i64,
}

#[derive(Debug)]
struct Failed(String);

impl std::fmt::Display for Failed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

async fn reconcile(document: Arc<Document>, client: Arc<Client>) -> Result<Action, Failed> {
    let namespace = document.namespace().unwrap_or_default();
    let documents: Api<Document> = Api::namespaced((*client).clone(), &namespace);
    finalizer(&documents, FINALIZER, document, |event| async {
        match event {
            Event::Apply(document) => apply(&document, &client).await.map_err(|error| Failed(format!("{error:#}"))),
            Event::Cleanup(_) => Ok(Action::await_change()),
        }
    })
    .await
    .map_err(|error| Failed(error.to_string()))
}

async fn apply(document: &Document, client: &Client) -> Result<Action> {
    let namespace = document.namespace().context("a namespace")?;
    let owner = document.controller_owner_ref(&()).context("an owner reference")?;
    let child = serde_json::json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": document.name_any(), "ownerReferences": [owner]},
        "data": {"title": document.spec.title},
    });
    let parameters = PatchParams::apply("rust").force();
    let maps: Api<ConfigMap> = Api::namespaced(client.clone(), &namespace);
    maps.patch(&document.name_any(), &parameters, &Patch::Apply(child)).await?;
    let status = serde_json::json!({"status": {"seen": document.meta().generation.unwrap_or(0)}});
    let documents: Api<Document> = Api::namespaced(client.clone(), &namespace);
    documents.patch_status(&document.name_any(), &PatchParams::default(), &Patch::Merge(status)).await?;
    Ok(Action::await_change())
}

async fn scenario(client: Client) -> Result<()> {
    let documents: Api<Document> = Api::default_namespaced(client.clone());
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    for name in ["a", "b", "c"] {
        let document = Document::new(name, DocumentSpec { title: format!("title of {name}"), hide: false });
        documents.create(&PostParams::default(), &document).await?;
    }
    let seen = |expected: i64| {
        move |document: Option<&Document>| {
            document.and_then(|found| found.status.as_ref()).is_some_and(|status| status.seen >= expected)
        }
    };
    for name in ["a", "b", "c"] {
        within(await_condition(documents.clone(), name, seen(1))).await??;
        ensure!(maps.get(name).await?.data.context("data")?["title"] == format!("title of {name}"));
    }
    let change = serde_json::json!({"spec": {"title": "another"}});
    documents.patch("a", &PatchParams::default(), &Patch::Merge(change)).await?;
    within(await_condition(documents.clone(), "a", seen(2))).await??;
    ensure!(maps.get("a").await?.data.context("data")?["title"] == "another");
    let uid = documents.get("b").await?.uid().context("a uid")?;
    documents.delete("b", &DeleteParams::default()).await?;
    within(await_condition(documents.clone(), "b", conditions::is_deleted(&uid))).await??;
    ensure!(documents.list(&ListParams::default()).await?.items.len() == 2);
    let wrong = serde_json::json!({"spec": {"title": 5}});
    let refused = documents.patch("a", &PatchParams::default(), &Patch::Merge(wrong)).await;
    ensure!(matches!(refused, Err(kube::Error::Api(ref status)) if status.code == 422), "not refused: {refused:?}");
    Ok(())
}

async fn within<F: Future>(future: F) -> Result<F::Output> {
    Ok(tokio::time::timeout(Duration::from_secs(30), future).await?)
}

async fn reflected(client: Client) -> Result<()> {
    let (store, writer) = reflector::store::<Document>();
    let stream = reflector(writer, watcher(Api::default_namespaced(client), watcher::Config::default()));
    let running = tokio::spawn(stream.for_each(|_| async {}));
    within(store.wait_until_ready()).await??;
    let count = store.state().len();
    running.abort();
    ensure!(count == 2, "the reflector has {count} objects, not 2");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let client = Client::try_default().await?;
    let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
    definitions.create(&PostParams::default(), &Document::crd()).await?;
    let name = "documents.rust.example.com";
    within(await_condition(definitions, name, conditions::is_crd_established())).await??;
    let documents: Api<Document> = Api::default_namespaced(client.clone());
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    let controller = Controller::new(documents, watcher::Config::default())
        .owns(maps, watcher::Config::default())
        .run(reconcile, |_, _, _| Action::requeue(Duration::from_millis(100)), Arc::new(client.clone()))
        .for_each(|result| async {
            if let Err(error) = result {
                eprintln!("reconcile: {error}");
            }
        });
    tokio::select! {
        () = controller => anyhow::bail!("the controller ended"),
        result = scenario(client.clone()) => result?,
    }
    reflected(client).await?;
    println!("ok");
    Ok(())
}
