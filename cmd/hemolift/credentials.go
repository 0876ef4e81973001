package main

import (
	"context"
	"time"

	"hemolift/dispatch/dispatchdb"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
	"hemolift/telemetry/gateway"
)

// credentials are the devices' secrets; another one ends the connection of the old.
type credentials struct {
	*dispatchdb.Devices
	door *gateway.MQTT
}

func (c credentials) SetDeviceSecret(ctx context.Context, id telemetry.DeviceID, secret string, by network.Actor, now time.Time) error {
	if err := c.Devices.SetDeviceSecret(ctx, id, secret, by, now); err != nil {
		return err
	}
	c.door.Cut(id)
	return nil
}

func (c credentials) Enrol(ctx context.Context, id telemetry.DeviceID, code, secret string, now, at time.Time) error {
	if err := c.Devices.Enrol(ctx, id, code, secret, now, at); err != nil {
		return err
	}
	c.door.Cut(id)
	return nil
}
