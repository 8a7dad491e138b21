// Command writes has client-go create and update ConfigMaps, one after another and fifty at a time.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"sync"
	"time"

	gomeasure "fairlead.dev/bench/gomeasure"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	asked := gomeasure.Options()
	count := flag.Int("writes", 500, "how many objects are written, each way")
	prefix := flag.String("prefix", "go", "what their names begin with")
	asked.Parse()
	run := gomeasure.Begin(asked)
	config, err := clientcmd.BuildConfigFromFlags("", asked.Kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	config.QPS, config.ContentType, config.AcceptContentTypes = -1, asked.MediaType(), asked.MediaType()
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		log.Fatal(err)
	}
	create := func(name string) {
		config := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string]string{"value": "1"}}
		if _, err := clients.CoreV1().ConfigMaps("default").Create(context.Background(), config, metav1.CreateOptions{}); err != nil {
			log.Fatal(err)
		}
	}
	create(*prefix + "-first")
	measured := func(name string, at int) {
		started, before := time.Now(), gomeasure.Used()
		todo := make(chan int)
		var workers sync.WaitGroup
		for range at {
			workers.Go(func() {
				for number := range todo {
					create(fmt.Sprintf("%s-%s-%d", *prefix, name, number))
				}
			})
		}
		for number := range *count {
			todo <- number
		}
		close(todo)
		workers.Wait()
		run.Note(name+"_wall", time.Since(started).Seconds()/float64(*count))
		run.Note(name+"_cpu", (gomeasure.Used()-before)/float64(*count))
	}
	measured("sequential", 1)
	measured("fifty", 50)
	run.Report()
}
