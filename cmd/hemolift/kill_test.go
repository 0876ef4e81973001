package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/jackc/pgx/v5"

	"hemolift/web/api"
)

// killRounds is how often the demo is killed; HEMOLIFT_KILL_ROUNDS asks for more.
func killRounds() int {
	if n, err := strconv.Atoi(os.Getenv("HEMOLIFT_KILL_ROUNDS")); err == nil {
		return n
	}
	return 4
}

// witness notes what the server acknowledged, to be looked for after a kill.
type witness struct {
	mu       sync.Mutex
	requests []string
	steps    map[string][]string // by delivery
	samples  []int64             // sequence numbers of the witness's box
}

func (w *witness) note(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

const witnessBox = "BX-030" // of a type that no request uses

// TestNothingAcknowledgedIsLostByKill kills the demo at random moments, its
// Postgres too in half of the rounds, and looks for everything that was answered.
func TestNothingAcknowledgedIsLostByKill(t *testing.T) {
	t.Parallel()
	data := dataDir(t)
	args := []string{"-speed", "10", "-requests-per-hour", "30", "-drones", "40"}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	w := &witness{steps: map[string][]string{}}
	p := startDemo(t, data, args...)
	first, second, secret := p.client("li.jing").token, p.client("wang.lei").token, witnessSecret(t, p)
	for round := range killRounds() {
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() { w.ask(ctx, apiClient{p.url, first}) })
		wg.Go(func() { w.serve(ctx, apiClient{p.url, first}, apiClient{p.url, second}) })
		wg.Go(func() { w.report(ctx, p.mqtt, secret, apiClient{p.url, first}) })
		<-time.After(2*time.Second + time.Duration(rng.Int64N(int64(4*time.Second)))) // the moment of the kill is the experiment
		p.kill(round%2 == 1)
		cancel()
		wg.Wait()
		p = startDemo(t, data, args...)
		w.check(t, p, apiClient{p.url, first})
	}
	t.Logf(
		"%d rounds: %d requests, %d deliveries with steps, %d samples acknowledged and found",
		killRounds(),
		len(w.requests),
		len(w.steps),
		len(w.samples),
	)
	if len(w.requests) == 0 || len(w.samples) == 0 || len(w.steps) == 0 {
		t.Error("the witness saw nothing acknowledged")
	}
}

// TestAServerWithoutItsPostgresEndsAndStartsAgain kills Postgres alone: the program
// must not go on pretending.
func TestAServerWithoutItsPostgresEndsAndStartsAgain(t *testing.T) {
	data := dataDir(t)
	p := startDemo(t, data, "-requests-per-hour", "0")
	if err := syscall.Kill(p.postgres(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-p.exited:
		p.exited <- err
		if err == nil {
			t.Error("it ended as if all were well")
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it still runs")
	}
	startDemo(t, data, "-requests-per-hour", "0")
}

func witnessSecret(t *testing.T, p *process) string {
	t.Helper()
	var s api.Secret
	if err := p.client("admin").call(context.Background(), "POST", "/devices/"+witnessBox+"/secret", nil, &s); err != nil {
		t.Fatal(err)
	}
	return s.Secret
}

// pace keeps a witness from being a flood.
func pace(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// hospitals are some within reach, so that pads are not what bounds the deliveries.
var hospitals = []string{"SY06", "CMU1", "SJNH", "LNPH", "LNJQ", "LNMC", "SY01", "SY04", "SYWC", "HNCH", "HNDH", "SHPH"}

// ask submits requests as fast as they are answered.
func (w *witness) ask(ctx context.Context, c apiClient) {
	for i := 0; pace(ctx, 50*time.Millisecond); i++ {
		var b api.Board
		if c.call(ctx, "GET", "/board", nil, &b) != nil {
			continue
		}
		hospital := hospitals[i%len(hospitals)]
		o := api.NewRequest{
			Hospital:   hospital,
			Pad:        hospital + "-P1",
			Component:  "red_cells",
			BloodGroup: "O+",
			Units:      1,
			Urgency:    "routine",
			NeededBy:   b.Now.Add(3 * time.Hour),
		}
		var r api.Request
		if c.call(ctx, "POST", "/requests", o, &r, "Idempotency-Key", fmt.Sprintf("witness-%d-%d", time.Now().UnixNano(), i)) == nil {
			w.note(func() { w.requests = append(w.requests, r.Id) })
		}
	}
}

// serve allocates and checks, as two people.
func (w *witness) serve(ctx context.Context, first, second apiClient) {
	for pace(ctx, 50*time.Millisecond) {
		var b api.Board
		if first.call(ctx, "GET", "/board", nil, &b) != nil {
			continue
		}
		for _, r := range b.Requests {
			var d api.Delivery
			if r.Automated || r.Status != "open" || first.call(ctx, "POST", "/requests/"+r.Id+"/accept", api.Accept{}, &d) != nil {
				continue
			}
			w.note(func() { w.steps[d.Id] = append(w.steps[d.Id], "allocate") })
			if second.call(ctx, "POST", "/deliveries/"+d.Id+"/steps", api.StepScan{Step: "check"}, nil) == nil {
				w.note(func() { w.steps[d.Id] = append(w.steps[d.Id], "check") })
			}
		}
	}
}

// report sends temperatures as a box and notes those that were acknowledged.
func (w *witness) report(ctx context.Context, broker, secret string, c apiClient) {
	client := mqtt.NewClient(
		mqtt.NewClientOptions().AddBroker(
			"tcp://" + broker,
		).SetClientID(witnessBox).SetUsername(witnessBox).SetPassword(secret).SetAutoReconnect(false),
	)
	if tok := client.Connect(); !tok.WaitTimeout(5*time.Second) || tok.Error() != nil {
		return
	}
	defer client.Disconnect(0)
	var b api.Board
	if c.call(ctx, "GET", "/board", nil, &b) != nil {
		return
	}
	for pace(ctx, 5*time.Millisecond) {
		seq := time.Now().UnixNano()
		tok := client.Publish(
			"hl/v1/"+witnessBox+"/temp",
			1,
			false,
			fmt.Sprintf(`{"seq":%d,"t":%d,"temp_mc":-190000,"ambient_mc":20000}`, seq, b.Now.UnixMilli()),
		)
		select {
		case <-tok.Done():
			if tok.Error() == nil {
				w.note(func() { w.samples = append(w.samples, seq) })
			}
		case <-ctx.Done():
			return
		}
	}
}

// check looks for everything noted, in the record itself.
func (w *witness) check(t *testing.T, p *process, c apiClient) {
	t.Helper()
	ctx := context.Background()
	for _, id := range w.requests {
		if err := c.call(ctx, "GET", "/requests/"+id, nil, nil); err != nil {
			t.Errorf("request %s is lost: %v", id, err)
		}
	}
	socket, err := os.ReadFile(filepath.Join(p.data, "postgres", "socket"))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(ctx, fmt.Sprintf("host=%s user=hemolift dbname=hemolift", socket))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for id, steps := range w.steps {
		var got string
		err := conn.QueryRow(ctx, `SELECT string_agg(step, ' ' ORDER BY id) FROM custody_event WHERE delivery_id = $1`, id).Scan(&got)
		if want := strings.Join(steps, " "); err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("custody of %s: got %q, want it to begin with %q (%v)", id, got, want, err)
		}
	}
	var missing int64
	err = conn.QueryRow(
		ctx,
		`SELECT count(*) FROM unnest($1::bigint[]) AS s (seq) WHERE NOT EXISTS (SELECT FROM temperature_sample x WHERE x.device_id = $2 AND x.seq = s.seq)`,
		w.samples,
		witnessBox,
	).Scan(&missing)
	if err != nil || missing > 0 {
		t.Errorf("%d of %d acknowledged samples are lost (%v)", missing, len(w.samples), err)
	}
	var twice string
	err = conn.QueryRow(
		ctx,
		`SELECT din FROM delivery_unit WHERE NOT released GROUP BY din, product_code, division HAVING count(*) > 1 LIMIT 1`,
	).Scan(&twice)
	if !errors.Is(err, pgx.ErrNoRows) {
		t.Errorf("unit %s is in two deliveries (%v)", twice, err)
	}
}
