import { configure } from "@testing-library/react";

// Also where the machine has much else to do: what is awaited comes, only later.
configure({ asyncUtilTimeout: 8_000 });
