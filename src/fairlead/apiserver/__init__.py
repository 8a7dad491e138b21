"""The in-memory API server: answers as kube-apiserver does, in process or over HTTP, without etcd.

`fairlead.apiserver.server.ApiServer` is the server, `fairlead.apiserver.http` its front, `fairlead.apiserver.webhooks` what
admission functions are given and raise.
"""
