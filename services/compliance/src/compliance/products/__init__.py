"""Product registry (产品信息查询平台): every product on sale or still running, open to everybody's query."""
